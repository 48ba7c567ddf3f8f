-- Changes fields of a pace. KEYS: pace. ARGV: id, then field, value… Answers 1, or nil where the ledger is lost.
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then
  return false
end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
return 1
