-- Puts vehicles in as pending. ARGV: id, then per vehicle: vid, hash, away (1 or 0). Answers 0 where the set is complete already.
if header[5] == '1' then
  return 0
end
for i = 2, #ARGV, 3 do
  if redis.call('HSETNX', bucketOf(ARGV[i + 1]), ARGV[i], ARGV[i + 2] == '1' and 'pa' or 'p') == 1 then
    count('targeted', 1)
    count('pending', 1)
  end
end
writeCounters()
return 1
