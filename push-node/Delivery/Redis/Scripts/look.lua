-- What stands, unchanged. ARGV: id, then per vehicle: vid, hash. Answers per vehicle: its state's letter (empty = no target).
local reply = {}
for i = 2, #ARGV, 2 do
  local text = redis.call('HGET', bucketOf(ARGV[i + 1]), ARGV[i])
  reply[#reply + 1] = text and string.sub(text, 1, 1) or ''
end
return reply
