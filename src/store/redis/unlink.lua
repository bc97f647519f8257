-- Takes away the links of reporters who have ended: nobody may tell any more that two cases were one reporter's.
-- KEYS: 1 links
-- ARGV: 1 cursor, 2 about how many to look at, 3 what the key of a reporter begins with
-- Gives the next cursor, 0 at the end.

local scanned = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local flat = scanned[2]
for at = 1, #flat, 2 do
  if redis.call('EXISTS', ARGV[3] .. flat[at + 1]) == 0 then redis.call('HDEL', KEYS[1], flat[at]) end
end
return scanned[1]
