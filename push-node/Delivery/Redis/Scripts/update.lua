-- Stores labels or position of the current session. ARGV: buckets, then per vehicle: vid, hash, session, position, labels (empty = not said).
for i = 2, #ARGV, 5 do
  local vid, hash, session, position, labels = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local v = find(hash, vid)
  if v and v.session == session then
    v.last = now
    v.position = position ~= '' and position or v.position
    v.labels = labels ~= '' and labels or v.labels
    save(hash, vid, v)
  end
end
return 1
