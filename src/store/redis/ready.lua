-- Finds out whether writes are taken, and makes the groups that other programs read with.
-- KEYS: 1 probe, 2 and on: the queues
-- ARGV: none

redis.call('SET', KEYS[1], '1')
for at = 2, #KEYS do
  local failed = make_group(KEYS[at])
  if failed then return failed end
end
return 'ok'
