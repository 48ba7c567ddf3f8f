-- A page of a shard. ARGV: buckets, first bucket, most buckets, vehicles that fill a page.
-- Answers: where to go on (-1 = done), then per vehicle: vid, record, session and node that hold it (empty = none).
local bucket, last = tonumber(ARGV[2]), math.min(tonumber(ARGV[1]), tonumber(ARGV[2]) + tonumber(ARGV[3]))
local reply = {0}
while bucket < last and #reply < 4 * tonumber(ARGV[4]) do
  local entries = redis.call('HGETALL', KEYS[2] .. bucket)
  for i = 1, #entries, 2 do
    local session, node = holder(entries[i])
    for _, part in ipairs({entries[i], entries[i + 1], session, node}) do
      reply[#reply + 1] = part
    end
  end
  bucket = bucket + 1
end
reply[1] = bucket < tonumber(ARGV[1]) and bucket or -1
return reply
