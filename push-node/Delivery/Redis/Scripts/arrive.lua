-- Gives vehicles a new session and makes a node their holder. ARGV: buckets, node, devices kept of a vid, not after (µs), then per vehicle: vid, hash, position, labels (empty = not said).
-- Answers: now, and nothing else where it is too late; then per vehicle: session, first seen, position, labels, session and node that held it before (empty = none).

-- What lay in a broken link is carried out no more: the vehicle may have arrived elsewhere since, and would be called away from there.
if tonumber(now) > tonumber(ARGV[4]) then
  return {now}
end

local mostDevices = tonumber(ARGV[3])

-- A vehicle that always names another device fills nobody's memory: those that have been away longest are forgotten.
-- Once a vid and batch, so that one with many devices does not take its number times the batch of looks.
local looked = {}
local function makeRoom(hash, unit)
  local vid = string.match(unit, '^([^/]+)/')
  if not vid or looked[vid] then
    return
  end
  looked[vid] = true
  local away = {}
  for _, device in ipairs(devicesOf(hash, vid)) do
    if holder(device.unit) == '' then
      away[#away + 1] = device
    end
  end
  table.sort(away, function(a, b) return a.last < b.last end)
  for i = 1, #away - mostDevices + 1 do
    redis.call('HDEL', bucketOf(hash), away[i].unit)
  end
end

local reply = {now}
for i = 5, #ARGV, 4 do
  local vid, hash, position, labels = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local v = find(hash, vid)
  if not v then
    makeRoom(hash, vid)
    v = {first = now, session = '0', position = '', labels = ''}
  end
  local heldSession, heldNode = holder(vid)
  local before = math.max(tonumber(v.session), tonumber(heldSession) or 0)
  v.session = string.format('%.0f', math.max(before + 1, tonumber(now)))
  v.last = now
  v.position = position ~= '' and position or v.position
  v.labels = labels ~= '' and labels or v.labels
  save(hash, vid, v)
  redis.call('HSET', KEYS[1], vid, v.session .. '|' .. ARGV[2])
  for _, part in ipairs({v.session, v.first, v.position, v.labels, heldSession, heldNode}) do
    reply[#reply + 1] = part
  end
end
return reply
