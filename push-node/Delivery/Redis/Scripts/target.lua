-- Puts vehicles in as pending. ARGV: id, then per vehicle: vid, hash, away (1 or 0). Answers 0 where the set is complete already.
if header[5] == '1' then
  return 0
end
eachRecord(2, 3, function(i, _, text)
  if not text then
    count('targeted', 1)
    count('pending', 1)
    return ARGV[i + 2] == '1' and 'pa' or 'p'
  end
end)
writeCounters()
return 1
