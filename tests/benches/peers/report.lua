-- With the argument `slow` each connection waits 6 ms before a request: 64 of them send about 10,000 in a second.
init = function(arguments)
  if arguments[1] == "slow" then
    delay = function() return 6 end
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
