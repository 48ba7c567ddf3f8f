-- Devices on record of given vids. ARGV: buckets, then per vid: vid, hash.
-- Answers per device: unit, record, session and node that hold it (empty = none).
local reply = {}
for i = 2, #ARGV, 2 do
  for _, device in ipairs(devicesOf(ARGV[i + 1], ARGV[i])) do
    local session, node = holder(device.unit)
    for _, part in ipairs({device.unit, device.text, session, node}) do
      reply[#reply + 1] = part
    end
  end
end
return reply
