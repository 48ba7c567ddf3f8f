-- What stands, unchanged but for what cannot be read. ARGV: id, then per vehicle: vid, hash. Answers per vehicle: its state's letter (empty = no target), with an a
-- behind it where it is open and was away at the start; or c: it is to forget it.
local function stand(record)
  local isOpen = record.state == 'p' or record.state == 's'
  return has(record, 'c') and 'c' or record.state .. (isOpen and has(record, 'a') and 'a' or '')
end

-- Most records of a batch read the same.
local known = {[false] = ''}
local reply = {}
eachRecord(2, 2, function(i, bucket, text)
  local standing = known[text]
  if not standing then
    standing = stand(read(bucket, ARGV[i], text))
    known[text] = mended == 0 and standing or nil
  end
  reply[#reply + 1] = standing
end)
writeCounters()
return reply
