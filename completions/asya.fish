# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_asya_global_optspecs
    string join \n C/directory= context= o/output= color= q/quiet h/help V/version
end

function __fish_asya_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_asya_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_asya_using_subcommand
    set -l cmd (__fish_asya_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c asya -n "__fish_asya_needs_command" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_needs_command" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_needs_command" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_needs_command" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_needs_command" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_needs_command" -s h -l help -d 'Print help'
complete -c asya -n "__fish_asya_needs_command" -s V -l version -d 'Print version'
complete -c asya -n "__fish_asya_needs_command" -f -a "init" -d 'Set up a project: .asya/ with configuration and templates'
complete -c asya -n "__fish_asya_needs_command" -f -a "compile" -d 'Compile Python flows to router programs and manifests'
complete -c asya -n "__fish_asya_needs_command" -f -a "validate" -d 'Check Python files for what cannot be compiled'
complete -c asya -n "__fish_asya_needs_command" -f -a "graph" -d 'Print the control flow of a flow'
complete -c asya -n "__fish_asya_needs_command" -f -a "expose" -d 'Describe a flow to the gateway as an MCP tool or A2A skill'
complete -c asya -n "__fish_asya_needs_command" -f -a "unexpose" -d 'Stop offering a flow to the gateway'
complete -c asya -n "__fish_asya_needs_command" -f -a "render" -d 'Print the objects an environment will get'
complete -c asya -n "__fish_asya_needs_command" -f -a "status" -d 'Show the flows of the project'
complete -c asya -n "__fish_asya_needs_command" -f -a "run" -d 'Execute a flow on this machine'
complete -c asya -n "__fish_asya_needs_command" -f -a "k" -d 'Work on a Kubernetes cluster'
complete -c asya -n "__fish_asya_needs_command" -f -a "demo" -d 'Take an example flow from Python to a result, step by step'
complete -c asya -n "__fish_asya_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c asya -n "__fish_asya_using_subcommand init" -l dir -d 'The project\'s directory; made if need be [default: the working directory]' -r -F
complete -c asya -n "__fish_asya_using_subcommand init" -l registry -d 'Registry for images that nothing else names [default: ghcr.io/my-org]' -r
complete -c asya -n "__fish_asya_using_subcommand init" -l generation -d 'Shape of AsyncActor that the clusters serve: B, C1 or C2 [default: C2]' -r
complete -c asya -n "__fish_asya_using_subcommand init" -l transport -d 'Message queue of the clusters: sqs, rabbitmq or pubsub [default: sqs]' -r
complete -c asya -n "__fish_asya_using_subcommand init" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand init" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand init" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand init" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand init" -s y -l yes -d 'Ask nothing'
complete -c asya -n "__fish_asya_using_subcommand init" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand compile" -s f -l file -d 'The Python file, and the function when the file has several candidates' -r
complete -c asya -n "__fish_asya_using_subcommand compile" -s I -l python-path -d 'Also look for Python modules in DIR' -r -F
complete -c asya -n "__fish_asya_using_subcommand compile" -l explain -d 'Write nothing: say what became of a line of the flow' -r
complete -c asya -n "__fish_asya_using_subcommand compile" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand compile" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand compile" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand compile" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand compile" -s a -l all -d 'Compile every flow of the project; one that fails does not stop the others'
complete -c asya -n "__fish_asya_using_subcommand compile" -l check -d 'Write nothing: list the files that would change, exit 1 if there are any'
complete -c asya -n "__fish_asya_using_subcommand compile" -l strict -d 'Fail on warnings'
complete -c asya -n "__fish_asya_using_subcommand compile" -l watch -d 'Compile again whenever a source, a module it uses, the configuration or a template changes'
complete -c asya -n "__fish_asya_using_subcommand compile" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand compile" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand validate" -s I -l python-path -d 'Also look for Python modules in DIR' -r -F
complete -c asya -n "__fish_asya_using_subcommand validate" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand validate" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand validate" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand validate" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand validate" -l strict -d 'Fail on warnings'
complete -c asya -n "__fish_asya_using_subcommand validate" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand validate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand graph" -s f -l file -d 'The Python file of a flow that is not registered, or another one than the registered' -r
complete -c asya -n "__fish_asya_using_subcommand graph" -l format -d 'How to draw it [default: text]' -r -f -a "text\t'A table of steps'
mermaid\t'A Mermaid flowchart'
dot\t'A Graphviz digraph'
svg\t'A picture'
json\t'The flow as data (`docs/graph.md`)'"
complete -c asya -n "__fish_asya_using_subcommand graph" -s I -l python-path -d 'Also look for Python modules in DIR' -r -F
complete -c asya -n "__fish_asya_using_subcommand graph" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand graph" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand graph" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand graph" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand graph" -l open -d 'Show the picture in the browser, or in what the system opens pictures with'
complete -c asya -n "__fish_asya_using_subcommand graph" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand graph" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand expose" -s d -l description -d 'What it does, for agents that choose a tool [default: the function\'s docstring]' -r
complete -c asya -n "__fish_asya_using_subcommand expose" -l timeout -d 'Give a call up after so many seconds [default: the gateway\'s, 300]' -r
complete -c asya -n "__fish_asya_using_subcommand expose" -l input-schema -d 'JSON Schema of the tool\'s arguments [default: the one read from the source]' -r
complete -c asya -n "__fish_asya_using_subcommand expose" -l input-schema-file -d 'A file with the JSON Schema of the tool\'s arguments' -r -F
complete -c asya -n "__fish_asya_using_subcommand expose" -l tags -d 'Tags of the skill, separated by commas' -r
complete -c asya -n "__fish_asya_using_subcommand expose" -l examples -d 'A prompt that shows how to use the skill; may be given several times' -r
complete -c asya -n "__fish_asya_using_subcommand expose" -l input-modes -d 'MIME types the skill takes, separated by commas' -r
complete -c asya -n "__fish_asya_using_subcommand expose" -l output-modes -d 'MIME types the skill gives, separated by commas' -r
complete -c asya -n "__fish_asya_using_subcommand expose" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand expose" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand expose" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand expose" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand expose" -l mcp -d 'Offer it as an MCP tool [default without --a2a]'
complete -c asya -n "__fish_asya_using_subcommand expose" -l a2a -d 'Offer it as an A2A skill'
complete -c asya -n "__fish_asya_using_subcommand expose" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand expose" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand unexpose" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand unexpose" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand unexpose" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand unexpose" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand unexpose" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand unexpose" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand render" -l path -d 'Render the kustomization in DIR instead of a flow' -r -F
complete -c asya -n "__fish_asya_using_subcommand render" -l actor -d 'Print the AsyncActor of this name alone' -r
complete -c asya -n "__fish_asya_using_subcommand render" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand render" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand render" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand render" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand render" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand render" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand status" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand status" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand status" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand status" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand status" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand run" -s p -l payload -d 'The message: JSON, `@FILE`, or `-` for stdin' -r
complete -c asya -n "__fish_asya_using_subcommand run" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand run" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand run" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand run" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand run" -l trace -d 'Print a line for every hop'
complete -c asya -n "__fish_asya_using_subcommand run" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait" -s h -l help -d 'Print help'
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait" -f -a "apply" -d 'Deploy a flow and make the running gateway serve it'
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait" -f -a "wait" -d 'Wait until a flow\'s actors are ready'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -l gateway -d 'The gateway\'s Helm release or Deployment, where its namespace holds several' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -l timeout -d 'With --wait: give up after this time, with exit code 5' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -l force-conflicts -d 'Take fields over that somebody else changed in the cluster'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -l wait -d 'Wait until everything is ready; scaled to zero counts'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -s h -l help -d 'Print help'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from wait" -l timeout -d 'Give up after this time, with exit code 5' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from wait" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from wait" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from wait" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from wait" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from wait" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from wait" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand demo" -l dir -d 'Make the project in DIR, which must be empty or new [default: a new temporary directory]' -r -F
complete -c asya -n "__fish_asya_using_subcommand demo" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand demo" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand demo" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand demo" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand demo" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand completions" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand completions" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand completions" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand completions" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand completions" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand completions" -s h -l help -d 'Print help'
