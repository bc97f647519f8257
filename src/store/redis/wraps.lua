-- Reads wraps of epochs before one.
-- KEYS: 1 all wraps by epoch
-- ARGV: 1 epoch, 2 how many to pass over, 3 most rows, 4 what the key of a wrap begins with
-- Gives rows of {kind:reference, wrap}.

local rows = {}
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1], 'LIMIT', ARGV[2], ARGV[3])) do
  rows[#rows + 1] = {member, redis.call('GET', ARGV[4] .. member) or ''}
end
return rows
