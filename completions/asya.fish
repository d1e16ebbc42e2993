complete --keep-order --exclusive --command asya --arguments "(COMPLETE=fish asya -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
