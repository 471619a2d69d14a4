# fish completion of posctl, made by posctl itself when it is first asked for.
posctl completion fish | source
