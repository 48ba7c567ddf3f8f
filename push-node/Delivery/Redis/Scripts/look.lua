-- What stands, unchanged but for what cannot be read. ARGV: id, then per vehicle: vid, hash. Answers per vehicle: its state's letter (empty = no target), with an a
-- behind it where it is open and was away at the start; or c: it is to forget it.
local reply = {}
for i = 2, #ARGV, 2 do
  local bucket = bucketOf(ARGV[i + 1])
  local text = redis.call('HGET', bucket, ARGV[i])
  local record = text and read(bucket, ARGV[i], text)
  local isOpen = record and (record.state == 'p' or record.state == 's')
  reply[#reply + 1] = not record and '' or has(record, 'c') and 'c' or record.state .. (isOpen and has(record, 'a') and 'a' or '')
end
writeCounters()
return reply
