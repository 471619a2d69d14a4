# bash completion of posctl: asked of posctl once in each shell, so it is always what posctl takes, in the user's language.
source <(posctl completion bash)
