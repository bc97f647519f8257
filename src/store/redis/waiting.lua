-- Counts the cases that wait.
-- KEYS: the queues
-- ARGV: 1 lease in ms
-- Gives a number for each queue.

local counts = {}
for at, queue in ipairs(KEYS) do
  local delivered = last_delivered(queue)
  local summary = redis.pcall('XPENDING', queue, GROUP)
  local n_pending, oldest_pending = 0, nil
  if not summary.err and summary[1] > 0 then n_pending, oldest_pending = summary[1], summary[2] end

  -- Programs that acknowledge without deleting leave their entries behind. All before the oldest pending one are such.
  local ms, number = delivered:match('^(%d+)-(%d+)$')
  local keep_from = oldest_pending or string.format('%s-%.0f', ms, tonumber(number) + 1)
  redis.pcall('XTRIM', queue, 'MINID', '=', keep_from)

  local n_abandoned = 0
  if n_pending > 0 then n_abandoned = #redis.call('XPENDING', queue, GROUP, 'IDLE', ARGV[1], '-', '+', n_pending) end
  counts[at] = math.max(redis.call('XLEN', queue) - n_pending, 0) + n_abandoned
end
return counts
