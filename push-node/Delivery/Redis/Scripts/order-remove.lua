-- Takes an order out and writes its tombstone in the same step.
-- KEYS: orders, seq, done. ARGV: campaign, revision (empty without tombstone), tombstone as JSON.
-- Answers as order-put does. A tombstone stays as it was first written, but for one that says that its revision goes on, and never takes out an order of a higher revision.
local campaign, revision, tombstone = unpack(ARGV)
local entry = redis.call('HGET', KEYS[1], campaign)
local before = string.format('%.0f', tonumber(redis.call('GET', KEYS[2]) or nil) or 0)
local outcome = 'unchanged'

if revision ~= '' then
  local field = campaign .. '#' .. revision
  local standing = redis.call('HGET', KEYS[3], field)
  if not standing or string.find(standing, '"reopened":true', 1, true) then
    redis.call('HSET', KEYS[3], field, tombstone)
    outcome = 'accepted'
    local highest = tonumber(redis.call('HGET', KEYS[3], campaign .. '#') or 0)
    if tonumber(revision) > highest then
      redis.call('HSET', KEYS[3], campaign .. '#', revision)
    end
  end
  if entry and (tonumber(string.match(entry, '^%d+|[^|]*|%d+|(%d+)|')) or 0) > tonumber(revision) then
    return {outcome, before, before, entry}
  end
end

if not entry then
  return {outcome, before, before, false}
end
local time = redis.call('TIME')
local seq = string.format('%.0f', math.max(tonumber(before) + 1, time[1] * 1000000 + time[2]))
redis.call('SET', KEYS[2], seq)
redis.call('HDEL', KEYS[1], campaign)
return {'accepted', seq, before, false}
