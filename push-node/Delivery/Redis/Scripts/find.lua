-- Records of given vehicles. ARGV: buckets, then per vehicle: vid, hash. Answers per vehicle: record (nil = none), session and node that hold it.
local reply = {}
for i = 2, #ARGV, 2 do
  local session, node = holder(ARGV[i])
  local record = redis.call('HGET', bucketOf(ARGV[i + 1]), ARGV[i])
  reply[#reply + 1] = record and parse(record) and record or false
  reply[#reply + 1] = session
  reply[#reply + 1] = node
end
return reply
