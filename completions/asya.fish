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
complete -c asya -n "__fish_asya_needs_command" -f -a "patch" -d 'Change how actors of a flow run'
complete -c asya -n "__fish_asya_needs_command" -f -a "edit" -d 'Edit the files of an environment in your editor'
complete -c asya -n "__fish_asya_needs_command" -f -a "images" -d 'Show the images of a flow, or say which ones an environment runs'
complete -c asya -n "__fish_asya_needs_command" -f -a "render" -d 'Print the objects an environment will get'
complete -c asya -n "__fish_asya_needs_command" -f -a "status" -d 'Show the flows of the project'
complete -c asya -n "__fish_asya_needs_command" -f -a "run" -d 'Execute a flow on this machine'
complete -c asya -n "__fish_asya_needs_command" -f -a "k" -d 'Work on a Kubernetes cluster'
complete -c asya -n "__fish_asya_needs_command" -f -a "config" -d 'Read and change the project\'s configuration'
complete -c asya -n "__fish_asya_needs_command" -f -a "gateway" -d 'Look at the gateway of an environment'
complete -c asya -n "__fish_asya_needs_command" -f -a "demo" -d 'Take an example flow from Python to a result, step by step'
complete -c asya -n "__fish_asya_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c asya -n "__fish_asya_using_subcommand init" -l dir -d 'The project\'s directory; made if need be [default: the working directory]' -r -F
complete -c asya -n "__fish_asya_using_subcommand init" -l registry -d 'Registry for images that nothing else names [default: ghcr.io/my-org]' -r
complete -c asya -n "__fish_asya_using_subcommand init" -l generation -d 'Shape of AsyncActor that the clusters serve: B, C1 or C2 [default: C2]' -r
complete -c asya -n "__fish_asya_using_subcommand init" -l transport -d 'Message queue of the clusters: sqs, rabbitmq or pubsub [default: sqs]' -r
complete -c asya -n "__fish_asya_using_subcommand init" -l kubectl-context -d 'Context of the kubeconfig that becomes an environment; may be given several times [default: all]' -r
complete -c asya -n "__fish_asya_using_subcommand init" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand init" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand init" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand init" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand init" -l no-contexts -d 'Take no environments over from the kubeconfig'
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
complete -c asya -n "__fish_asya_using_subcommand expose" -l input-schema-file -d 'A file with the JSON Schema of the tool\'s arguments, as JSON or `.yaml`' -r -F
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
complete -c asya -n "__fish_asya_using_subcommand expose" -s l -l list -d 'Change nothing: show what is exposed where, how, and which file says so'
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
complete -c asya -n "__fish_asya_using_subcommand patch" -s a -l actor -d 'The actor: its name, or the name of its function' -r
complete -c asya -n "__fish_asya_using_subcommand patch" -s p -l patch -d 'A merge patch as JSON: items of lists are merged by name, null takes a field away' -r
complete -c asya -n "__fish_asya_using_subcommand patch" -l remove -d 'Take back what was patched: a field, a mapping or an item; may be given several times' -r
complete -c asya -n "__fish_asya_using_subcommand patch" -l move-to -d 'Patch this actor instead, for one that has another name now' -r
complete -c asya -n "__fish_asya_using_subcommand patch" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand patch" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand patch" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand patch" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand patch" -l all-actors -d 'Change all actors of the flow, its router too'
complete -c asya -n "__fish_asya_using_subcommand patch" -l gateway -d 'Change what the gateway tells agents of the flow'
complete -c asya -n "__fish_asya_using_subcommand patch" -l clear -d 'Take back everything that was patched'
complete -c asya -n "__fish_asya_using_subcommand patch" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand patch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand edit" -s a -l actor -d 'The patch of this actor: its name, or the name of its function' -r
complete -c asya -n "__fish_asya_using_subcommand edit" -l from -d 'Go on with this text instead of the file\'s own' -r -F
complete -c asya -n "__fish_asya_using_subcommand edit" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand edit" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand edit" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand edit" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand edit" -l gateway -d 'What the gateway tells agents of the flow'
complete -c asya -n "__fish_asya_using_subcommand edit" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand edit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand images" -l set -d 'Run this image in the place of NAME, as it is called in `base/`; may be given several times' -r
complete -c asya -n "__fish_asya_using_subcommand images" -l from -d 'Take the images from the output of `asya build` or `skaffold build --file-output`' -r -F
complete -c asya -n "__fish_asya_using_subcommand images" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand images" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand images" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand images" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand images" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand images" -s h -l help -d 'Print help (see more with \'--help\')'
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
complete -c asya -n "__fish_asya_using_subcommand status" -l check -d 'Exit 1 if a flow is not compiled, is stale, or has problems'
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
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait status logs events port-forward secret rbac doctor namespace context" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait status logs events port-forward secret rbac doctor namespace context" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait status logs events port-forward secret rbac doctor namespace context" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait status logs events port-forward secret rbac doctor namespace context" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait status logs events port-forward secret rbac doctor namespace context" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait status logs events port-forward secret rbac doctor namespace context" -s h -l help -d 'Print help'
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait status logs events port-forward secret rbac doctor namespace context" -f -a "apply" -d 'Deploy a flow and make the running gateway serve it'
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait status logs events port-forward secret rbac doctor namespace context" -f -a "wait" -d 'Wait until a flow\'s actors are ready'
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait status logs events port-forward secret rbac doctor namespace context" -f -a "status" -d 'Show how flows are doing in a cluster'
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait status logs events port-forward secret rbac doctor namespace context" -f -a "logs" -d 'Show what a flow\'s actors print'
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait status logs events port-forward secret rbac doctor namespace context" -f -a "events" -d 'Show what happened to a flow\'s actors'
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait status logs events port-forward secret rbac doctor namespace context" -f -a "port-forward" -d 'Reach the gateway, or an actor\'s pod, on a port of this machine'
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait status logs events port-forward secret rbac doctor namespace context" -f -a "secret" -d 'Keys of Secrets, never their values'
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait status logs events port-forward secret rbac doctor namespace context" -f -a "rbac" -d 'Print the Roles that working on a flow takes'
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait status logs events port-forward secret rbac doctor namespace context" -f -a "doctor" -d 'Look for what keeps actors and gateway from working'
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait status logs events port-forward secret rbac doctor namespace context" -f -a "namespace" -d 'Make namespaces fit for actors'
complete -c asya -n "__fish_asya_using_subcommand k; and not __fish_seen_subcommand_from apply wait status logs events port-forward secret rbac doctor namespace context" -f -a "context" -d 'List, choose and add environments'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -l gateway -d 'The gateway\'s Helm release or Deployment, where its namespace holds several' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -l via -d 'How the flow gets into the gateway: a source of its own in the projected volume, a data key in the chart\'s ConfigMap (survives Helm upgrades), an entry in the lists of a split gateway [default: as it is registered, else what the gateway\'s generation has]' -r -f -a "source\t''
key\t''
entry\t''"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -l gateway-timeout -d 'How long the gateway may take to replace its pods, and again to show the flow' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -l timeout -d 'With --wait: give up after this time, with exit code 5' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -l force-conflicts -d 'Take fields over that somebody else changed in the cluster'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -l convert-volume -d 'Change a plain volume of flows to a projected one, to which sources can be added; the last flow that leaves changes it back'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -l verify -d 'Ask the gateway whether it serves the flow, and fail if it cannot be asked [default: ask, and say so if it cannot be asked]'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from apply" -l no-verify -d 'Neither wait for the gateway\'s new pods nor ask it'
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
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from status" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from status" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from status" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from status" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from logs" -l actor -d 'Of this actor alone; may be repeated' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from logs" -l since -d 'Lines of the last time alone: 10m, 1h' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from logs" -s c -l container -d 'Of this container: asya-runtime (default), asya-sidecar, …; `all` for all' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from logs" -l tail -d 'The last lines of each container alone; default: 100, with --since all' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from logs" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from logs" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from logs" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from logs" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from logs" -s f -l follow -d 'Stay and show lines as they are written'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from logs" -s t -l timestamps -d 'Show when each line was written'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from logs" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from events" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from events" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from events" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from events" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from events" -l warnings -d 'Warnings alone'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from events" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from events" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from port-forward" -s p -l port -d 'Listen on this port; default: the pod\'s, else any that is free' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from port-forward" -l remote -d 'The pod\'s port; default: the first that its containers name' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from port-forward" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from port-forward" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from port-forward" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from port-forward" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from port-forward" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from port-forward" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from secret" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from secret" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from secret" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from secret" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from secret" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from secret" -s h -l help -d 'Print help'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from secret" -f -a "set" -d 'Set one key of a Secret'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from secret" -f -a "list" -d 'List the keys of Secrets'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from rbac" -l for -d 'What shall be allowed' -r -f -a "apply\t'asya k apply, diff, delete, also with --wait'
look\t'asya k status, wait, logs, events'
port-forward\t'asya k port-forward'
secret\t'asya k secret'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from rbac" -l subject -d 'Bind the Roles too: user:NAME, group:NAME or serviceaccount:NAMESPACE/NAME' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from rbac" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from rbac" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from rbac" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from rbac" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from rbac" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from rbac" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from doctor" -s n -l namespace -d 'Look at this namespace instead of the context\'s' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from doctor" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from doctor" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from doctor" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from doctor" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from doctor" -l all -d 'Show checks that are well, too'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from doctor" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from namespace" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from namespace" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from namespace" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from namespace" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from namespace" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from namespace" -s h -l help -d 'Print help'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from namespace" -f -a "prepare" -d 'Give a namespace what actors need in it'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from context" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from context" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from context" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from context" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from context" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from context" -s h -l help -d 'Print help'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from context" -f -a "list" -d 'List the environments of the project; the current one has a star'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from context" -f -a "use" -d 'Work on an environment from now on: sets `default_context`'
complete -c asya -n "__fish_asya_using_subcommand k; and __fish_seen_subcommand_from context" -f -a "add" -d 'Add an environment from a context of the kubeconfig'
complete -c asya -n "__fish_asya_using_subcommand config; and not __fish_seen_subcommand_from get set list" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand config; and not __fish_seen_subcommand_from get set list" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand config; and not __fish_seen_subcommand_from get set list" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand config; and not __fish_seen_subcommand_from get set list" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand config; and not __fish_seen_subcommand_from get set list" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand config; and not __fish_seen_subcommand_from get set list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand config; and not __fish_seen_subcommand_from get set list" -f -a "get" -d 'Print the value of a key'
complete -c asya -n "__fish_asya_using_subcommand config; and not __fish_seen_subcommand_from get set list" -f -a "set" -d 'Set a single value, comments kept'
complete -c asya -n "__fish_asya_using_subcommand config; and not __fish_seen_subcommand_from get set list" -f -a "list" -d 'List all values that count, with those of outer projects, defaults and environment'
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from get" -l arg -d 'Fill in `${arg:NAME}`, such as --arg flow_name=text-flow' -r
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from get" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from get" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from get" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from get" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from get" -l show-origin -d 'Also say where each value was set'
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from set" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from set" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from set" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from set" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from list" -l arg -d 'Fill in `${arg:NAME}`, such as --arg flow_name=text-flow' -r
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from list" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from list" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from list" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from list" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from list" -l show-origin -d 'Also say where each value was set'
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand config; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c asya -n "__fish_asya_using_subcommand gateway; and not __fish_seen_subcommand_from values" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand gateway; and not __fish_seen_subcommand_from values" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand gateway; and not __fish_seen_subcommand_from values" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand gateway; and not __fish_seen_subcommand_from values" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand gateway; and not __fish_seen_subcommand_from values" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand gateway; and not __fish_seen_subcommand_from values" -s h -l help -d 'Print help'
complete -c asya -n "__fish_asya_using_subcommand gateway; and not __fish_seen_subcommand_from values" -f -a "values" -d 'Print the Helm values that keep what is registered over an upgrade of the gateway\'s chart'
complete -c asya -n "__fish_asya_using_subcommand gateway; and __fish_seen_subcommand_from values" -l gateway -d 'The gateway\'s Helm release or Deployment, where its namespace holds several' -r
complete -c asya -n "__fish_asya_using_subcommand gateway; and __fish_seen_subcommand_from values" -s C -l directory -d 'Start in DIR instead of the working directory' -r -F
complete -c asya -n "__fish_asya_using_subcommand gateway; and __fish_seen_subcommand_from values" -l context -d 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]' -r
complete -c asya -n "__fish_asya_using_subcommand gateway; and __fish_seen_subcommand_from values" -s o -l output -d 'Write the result as text for people or as one JSON document: human, json [default: human]' -r -f -a "human\t'Text for people'
json\t'One JSON document'"
complete -c asya -n "__fish_asya_using_subcommand gateway; and __fish_seen_subcommand_from values" -l color -d 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `CI` is set'
always\t'Always'
never\t'Never'"
complete -c asya -n "__fish_asya_using_subcommand gateway; and __fish_seen_subcommand_from values" -s q -l quiet -d 'Print results and problems only'
complete -c asya -n "__fish_asya_using_subcommand gateway; and __fish_seen_subcommand_from values" -s h -l help -d 'Print help'
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
