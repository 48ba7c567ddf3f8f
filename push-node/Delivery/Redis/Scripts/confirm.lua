-- Holds a node's sessions against presence. ARGV: buckets, node, then per vehicle: vid, hash, session. Answers: vids that a newer session holds.
-- A record that is older than the session (lost writes of a failover) or gone is put right: the connection is the proof.
local replaced = {}
for i = 3, #ARGV, 3 do
  local vid, hash, session = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local v = find(hash, vid) or {first = now, session = '0', position = '', labels = ''}
  local held = tonumber((holder(vid))) or 0
  if math.max(tonumber(v.session), held) > tonumber(session) then
    replaced[#replaced + 1] = vid
  else
    v.session = session
    v.last = now
    save(hash, vid, v)
    redis.call('HSET', KEYS[1], vid, session .. '|' .. ARGV[2])
  end
end
return replaced
