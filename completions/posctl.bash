# bash completion of posctl, made by posctl itself when it is first asked for.
eval "$(posctl completion bash)"
