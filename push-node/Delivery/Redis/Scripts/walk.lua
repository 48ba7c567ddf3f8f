-- A page of a shard. Takes out the records of vehicles that have not been seen for long: memory is for those that may come back.
-- ARGV: buckets, first bucket, most buckets, records that fill a page, how long a record is kept (µs).
-- Answers: where to go on (-1 = done), then per vehicle: vid, record, session and node that hold it (empty = none).
local bucket, last = tonumber(ARGV[2]), math.min(tonumber(ARGV[1]), tonumber(ARGV[2]) + tonumber(ARGV[3]))
local full, keepSince = tonumber(ARGV[4]), tonumber(now) - tonumber(ARGV[5])
local reply, looked = {0}, 0
while bucket < last and looked < full do
  local key = KEYS[2] .. bucket
  local entries = redis.call('HGETALL', key)
  for i = 1, #entries, 2 do
    local vid, record = entries[i], entries[i + 1]
    local session, node = holder(vid)
    local v = parse(record)
    if not v or (session == '' and tonumber(v.last) < keepSince) then
      redis.call('HDEL', key, vid)
    else
      for _, part in ipairs({vid, record, session, node}) do
        reply[#reply + 1] = part
      end
    end
    looked = looked + 1
  end
  bucket = bucket + 1
end
reply[1] = bucket < tonumber(ARGV[1]) and bucket or -1
return reply
