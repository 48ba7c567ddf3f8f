-- Writes one order if it was planned from what stands now.
-- KEYS: orders, seq. ARGV: campaign, planned from (seq), owner, generation, revision, closing (1 or 0), order as JSON.
-- An entry: seq|owner|generation|revision|JSON. Answers: accepted, unchanged or stale; seq; the one before; the entry that stands.
local campaign, plannedFrom, owner, generation, revision, closing, json = unpack(ARGV)
local entry = redis.call('HGET', KEYS[1], campaign)
local before = string.format('%.0f', tonumber(redis.call('GET', KEYS[2]) or nil) or 0)
local standing = {seq = '0'}
if entry then
  standing.seq, standing.owner, standing.generation, standing.json = string.match(entry, '^(%d+)|([^|]*)|(%d+)|%d+|(.*)$')
  -- What is no entry stands in nobody's way.
  standing.seq = standing.seq and #standing.seq <= 16 and standing.seq or '0'
end

if standing.json == json then
  return {'unchanged', before, before, entry}
end
local sameOwner = standing.owner == owner
local older = sameOwner and tonumber(generation) < tonumber(standing.generation)
if closing == '0' and (standing.seq ~= plannedFrom or older) then
  return {'stale', before, before, entry}
end

-- A late closing must not open the door for decisions that are older than what it closed.
if older then
  generation = standing.generation
end
local time = redis.call('TIME')
local seq = string.format('%.0f', math.max(tonumber(before) + 1, time[1] * 1000000 + time[2]))
entry = table.concat({seq, owner, generation, revision, json}, '|')
redis.call('SET', KEYS[2], seq)
redis.call('HSET', KEYS[1], campaign, entry)
return {'accepted', seq, before, entry}
