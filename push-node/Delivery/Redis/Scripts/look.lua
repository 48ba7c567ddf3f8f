-- What stands, unchanged but for what cannot be read. ARGV: id, then per vehicle: vid, hash. Answers per vehicle: its state's letter (empty = no target).
local reply = {}
for i = 2, #ARGV, 2 do
  local bucket = bucketOf(ARGV[i + 1])
  local text = redis.call('HGET', bucket, ARGV[i])
  reply[#reply + 1] = text and read(bucket, ARGV[i], text).state or ''
end
writeCounters()
return reply
