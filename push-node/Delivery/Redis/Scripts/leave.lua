-- Ends presence where the session is still the current one. ARGV: buckets, then per vehicle: vid, hash, session.
for i = 2, #ARGV, 3 do
  local vid, hash, session = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if holder(vid) == session then
    redis.call('HDEL', KEYS[1], vid)
    local v = find(hash, vid)
    if v then
      v.last = now
      save(hash, vid, v)
    end
  end
end
return 1
