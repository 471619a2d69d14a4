"""The socket: newline-delimited JSON-RPC 2.0 over a Unix stream socket.

    bytes -> framing (a line, a call) -> params (card guard, typed request) -> methods (who may, who answers) ->
    connection -> ports.Answers

`wire`, `framing`, `params`, `methods` and `access.Rules` are pure; `connection`, `subscription` and `server` live on
the event loop; `listener` opens the socket file. The room knows the words of the domain and nothing of the rest of
posd: what answers stands behind the Protocols of `ports`.
"""
