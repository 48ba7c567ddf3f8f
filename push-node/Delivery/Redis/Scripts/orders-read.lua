-- All orders and the number of their last change, as one picture. KEYS: orders, seq.
return {redis.call('GET', KEYS[2]) or '0', redis.call('HVALS', KEYS[1])}
