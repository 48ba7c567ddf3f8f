-- Begins every script of a registry shard. KEYS: presence, prefix of the buckets. ARGV[1]: number of buckets.
-- A vehicle's record: first seen|last seen|session|lat;lon;at|labels as JSON (µs; position and labels may be empty).
-- Presence: session|node.
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000000 + time[2])

local function bucketOf(hash)
  return KEYS[2] .. (tonumber(hash) % tonumber(ARGV[1]))
end

-- Nil: no record. Then the vehicle is as good as never seen, and what it reports next is kept.
local function parse(text)
  local v = {}
  v.first, v.last, v.session, v.position, v.labels = string.match(text, '^(%d+)|(%d+)|(%d+)|([^|]*)|(.*)$')
  return v.first and #v.first <= 16 and #v.last <= 16 and #v.session <= 16 and v
end

local function find(hash, vid)
  local text = redis.call('HGET', bucketOf(hash), vid)
  return text and parse(text)
end

local function save(hash, vid, v)
  redis.call('HSET', bucketOf(hash), vid, table.concat({v.first, v.last, v.session, v.position, v.labels}, '|'))
end

local function holder(vid)
  local text = redis.call('HGET', KEYS[1], vid)
  if not text then
    return '', ''
  end
  local session, node = string.match(text, '^(%d+)|(.*)$')
  if not session or #session > 16 then
    return '', ''
  end
  return session, node
end

-- What is on record of each device of a vid: they all lie in the vid's bucket.
local function devicesOf(hash, vid)
  local devices, cursor = {}, '0'
  repeat
    local page = redis.call('HSCAN', bucketOf(hash), cursor, 'MATCH', vid .. '/*', 'COUNT', 1000)
    cursor = page[1]
    for i = 1, #page[2], 2 do
      local v = parse(page[2][i + 1])
      if v then
        devices[#devices + 1] = {unit = page[2][i], text = page[2][i + 1], last = tonumber(v.last)}
      end
    end
  until cursor == '0'
  return devices
end
