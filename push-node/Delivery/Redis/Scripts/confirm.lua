-- Holds a node's sessions against presence. ARGV: buckets, node, then per vehicle: vid, hash, session.
-- Answers, of those whose session is not the newest: vid, session from now on (0 = none: another node holds a newer connection).
-- A record that is older than the session (lost writes of a failover) or gone is put right: the connection is the proof.
local superseded = {}
for i = 3, #ARGV, 3 do
  local vid, hash, session = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local v = find(hash, vid) or {first = now, session = '0', position = '', labels = ''}
  local heldSession, heldNode = holder(vid)
  if (tonumber(heldSession) or 0) > tonumber(session) then
    -- Of this very node: it was given here, and that answer did not come through.
    superseded[#superseded + 1] = vid
    superseded[#superseded + 1] = heldNode == ARGV[2] and heldSession or '0'
  else
    -- Nobody holds the newer session: its connection was over before it was registered. This one is there, and goes on under a session newer still.
    if tonumber(v.session) > tonumber(session) then
      session = string.format('%.0f', math.max(tonumber(v.session) + 1, tonumber(now)))
      superseded[#superseded + 1] = vid
      superseded[#superseded + 1] = session
    end
    v.session = session
    v.last = now
    save(hash, vid, v)
    redis.call('HSET', KEYS[1], vid, session .. '|' .. ARGV[2])
  end
end
return superseded
