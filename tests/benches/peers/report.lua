-- With the argument `slow` each connection waits 6 ms before a request: 64 of them send about 10,000 in a second. With
-- `cookies` and a file, requests take turns with its lines, each of which is what stands in a `Cookie` header.
init = function(arguments)
  if arguments[1] == "slow" then
    delay = function() return 6 end
  elseif arguments[1] == "cookies" then
    local requests, turn = {}, 0
    for line in io.lines(arguments[2]) do
      requests[#requests + 1] = wrk.format(nil, nil, { Cookie = line })
    end
    request = function()
      turn = turn % #requests + 1
      return requests[turn]
    end
  end
end

-- What a run of wrk found, as one line of JSON; times are in microseconds.
done = function(summary, latency, requests)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"refused":%d,"failed":%d,"p50":%d,"p99":%d,"p999":%d}\n',
    summary.requests, summary.duration, summary.errors.status, failed,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
