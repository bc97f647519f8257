-- Keeps a part of a message until the others are there.
-- KEYS: 1 the message's parts, 2 all messages whose parts wait
-- ARGV: 1 place from zero, 2 number of parts, 3 delivery, 4 sealed, 5 now in ms, 6 how long a late part is taken in ms,
--       7 how long a claim lasts in ms, 8 the message's name in 2
-- Gives {'waiting'}, {'complete', part, ...}, {'known', reference}, {'late', reference}, {'taken'} or {'busy'}.

local group = KEYS[1]
local at = redis.call('HMGET', group, 'reference', 'filed', 'claimed', 'delivery:' .. ARGV[1])
local reference, filed, claimed, there = at[1], at[2], at[3], at[4]
local now = tonumber(ARGV[5])
if reference then
  if there == ARGV[3] then return {'known', reference} end
  if there or now - tonumber(filed) > tonumber(ARGV[6]) then return {'taken'} end
  return {'late', reference}
end
if there and there ~= ARGV[3] then return {'taken'} end
if not there then
  if claimed and now - tonumber(claimed) < tonumber(ARGV[7]) then return {'busy'} end
  redis.call('HSET', group, 'total', ARGV[2], 'delivery:' .. ARGV[1], ARGV[3], 'sealed:' .. ARGV[1], ARGV[4])
  redis.call('ZADD', KEYS[2], 'NX', ARGV[5], ARGV[8])
end
local all = {'complete'}
for place = 0, tonumber(ARGV[2]) - 1 do
  local sealed = redis.call('HGET', group, 'sealed:' .. place)
  if not sealed then return {'waiting'} end
  all[#all + 1] = sealed
end
redis.call('HSET', group, 'claimed', ARGV[5])
return all
