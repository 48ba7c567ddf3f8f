-- Devices on record of given vids, which all lie in their vid's bucket. ARGV: buckets, then per vid: vid, hash.
-- Answers per device: unit, record, session and node that hold it (empty = none).
local reply = {}
for i = 2, #ARGV, 2 do
  local key, cursor = bucketOf(ARGV[i + 1]), '0'
  repeat
    local page = redis.call('HSCAN', key, cursor, 'MATCH', ARGV[i] .. '/*', 'COUNT', 1000)
    cursor = page[1]
    for j = 1, #page[2], 2 do
      local session, node = holder(page[2][j])
      for _, part in ipairs({page[2][j], page[2][j + 1], session, node}) do
        reply[#reply + 1] = part
      end
    end
  until cursor == '0'
end
return reply
