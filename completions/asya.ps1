
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'asya' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'asya'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'asya' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Set up a project: .asya/ with configuration and templates')
            [CompletionResult]::new('compile', 'compile', [CompletionResultType]::ParameterValue, 'Compile Python flows to router programs and manifests')
            [CompletionResult]::new('validate', 'validate', [CompletionResultType]::ParameterValue, 'Check Python files for what cannot be compiled')
            [CompletionResult]::new('graph', 'graph', [CompletionResultType]::ParameterValue, 'Print the control flow of a flow')
            [CompletionResult]::new('expose', 'expose', [CompletionResultType]::ParameterValue, 'Describe a flow to the gateway as an MCP tool or A2A skill')
            [CompletionResult]::new('unexpose', 'unexpose', [CompletionResultType]::ParameterValue, 'Stop offering a flow to the gateway')
            [CompletionResult]::new('patch', 'patch', [CompletionResultType]::ParameterValue, 'Change how actors of a flow run')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit the files of an environment in your editor')
            [CompletionResult]::new('images', 'images', [CompletionResultType]::ParameterValue, 'Show the images of a flow, or say which ones an environment runs')
            [CompletionResult]::new('render', 'render', [CompletionResultType]::ParameterValue, 'Print the objects an environment will get')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the flows of the project')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Execute a flow on this machine')
            [CompletionResult]::new('k', 'k', [CompletionResultType]::ParameterValue, 'Work on a Kubernetes cluster')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Read and change the project''s configuration')
            [CompletionResult]::new('gateway', 'gateway', [CompletionResultType]::ParameterValue, 'Look at the gateway of an environment')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Take an example flow from Python to a result, step by step')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            break
        }
        'asya;init' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'The project''s directory; made if need be [default: the working directory]')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'Registry for images that nothing else names [default: ghcr.io/my-org]')
            [CompletionResult]::new('--generation', '--generation', [CompletionResultType]::ParameterName, 'Shape of AsyncActor that the clusters serve: B, C1 or C2 [default: C2]')
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'Message queue of the clusters: sqs, rabbitmq or pubsub [default: sqs]')
            [CompletionResult]::new('--kubectl-context', '--kubectl-context', [CompletionResultType]::ParameterName, 'Context of the kubeconfig that becomes an environment; may be given several times [default: all]')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('--no-contexts', '--no-contexts', [CompletionResultType]::ParameterName, 'Take no environments over from the kubeconfig')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Ask nothing')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Ask nothing')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;compile' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'The Python file, and the function when the file has several candidates')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The Python file, and the function when the file has several candidates')
            [CompletionResult]::new('-I', '-I ', [CompletionResultType]::ParameterName, 'Also look for Python modules in DIR')
            [CompletionResult]::new('--python-path', '--python-path', [CompletionResultType]::ParameterName, 'Also look for Python modules in DIR')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Write nothing: say what became of a line of the flow')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Compile every flow of the project; one that fails does not stop the others')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Compile every flow of the project; one that fails does not stop the others')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Write nothing: list the files that would change, exit 1 if there are any')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Fail on warnings')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Compile again whenever a source, a module it uses, the configuration or a template changes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;validate' {
            [CompletionResult]::new('-I', '-I ', [CompletionResultType]::ParameterName, 'Also look for Python modules in DIR')
            [CompletionResult]::new('--python-path', '--python-path', [CompletionResultType]::ParameterName, 'Also look for Python modules in DIR')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Fail on warnings')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;graph' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'The Python file of a flow that is not registered, or another one than the registered')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The Python file of a flow that is not registered, or another one than the registered')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to draw it [default: text]')
            [CompletionResult]::new('-I', '-I ', [CompletionResultType]::ParameterName, 'Also look for Python modules in DIR')
            [CompletionResult]::new('--python-path', '--python-path', [CompletionResultType]::ParameterName, 'Also look for Python modules in DIR')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'Show the picture in the browser, or in what the system opens pictures with')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;expose' {
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'What it does, for agents that choose a tool [default: the function''s docstring]')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'What it does, for agents that choose a tool [default: the function''s docstring]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give a call up after so many seconds [default: the gateway''s, 300]')
            [CompletionResult]::new('--input-schema', '--input-schema', [CompletionResultType]::ParameterName, 'JSON Schema of the tool''s arguments [default: the one read from the source]')
            [CompletionResult]::new('--input-schema-file', '--input-schema-file', [CompletionResultType]::ParameterName, 'A file with the JSON Schema of the tool''s arguments, as JSON or `.yaml`')
            [CompletionResult]::new('--tags', '--tags', [CompletionResultType]::ParameterName, 'Tags of the skill, separated by commas')
            [CompletionResult]::new('--examples', '--examples', [CompletionResultType]::ParameterName, 'A prompt that shows how to use the skill; may be given several times')
            [CompletionResult]::new('--input-modes', '--input-modes', [CompletionResultType]::ParameterName, 'MIME types the skill takes, separated by commas')
            [CompletionResult]::new('--output-modes', '--output-modes', [CompletionResultType]::ParameterName, 'MIME types the skill gives, separated by commas')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Change nothing: show what is exposed where, how, and which file says so')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'Change nothing: show what is exposed where, how, and which file says so')
            [CompletionResult]::new('--mcp', '--mcp', [CompletionResultType]::ParameterName, 'Offer it as an MCP tool [default without --a2a]')
            [CompletionResult]::new('--a2a', '--a2a', [CompletionResultType]::ParameterName, 'Offer it as an A2A skill')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;unexpose' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;patch' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'The actor: its name, or the name of its function')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The actor: its name, or the name of its function')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'A merge patch as JSON: items of lists are merged by name, null takes a field away')
            [CompletionResult]::new('--patch', '--patch', [CompletionResultType]::ParameterName, 'A merge patch as JSON: items of lists are merged by name, null takes a field away')
            [CompletionResult]::new('--remove', '--remove', [CompletionResultType]::ParameterName, 'Take back what was patched: a field, a mapping or an item; may be given several times')
            [CompletionResult]::new('--move-to', '--move-to', [CompletionResultType]::ParameterName, 'Patch this actor instead, for one that has another name now')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('--all-actors', '--all-actors', [CompletionResultType]::ParameterName, 'Change all actors of the flow, its router too')
            [CompletionResult]::new('--gateway', '--gateway', [CompletionResultType]::ParameterName, 'Change what the gateway tells agents of the flow')
            [CompletionResult]::new('--clear', '--clear', [CompletionResultType]::ParameterName, 'Take back everything that was patched')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;edit' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'The patch of this actor: its name, or the name of its function')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The patch of this actor: its name, or the name of its function')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Go on with this text instead of the file''s own')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('--gateway', '--gateway', [CompletionResultType]::ParameterName, 'What the gateway tells agents of the flow')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;images' {
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Run this image in the place of NAME, as it is called in `base/`; may be given several times')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Take the images from the output of `asya build` or `skaffold build --file-output`')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;render' {
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'Render the kustomization in DIR instead of a flow')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'Print the AsyncActor of this name alone')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;status' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Exit 1 if a flow is not compiled, is stale, or has problems')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;run' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'The message: JSON, `@FILE`, or `-` for stdin')
            [CompletionResult]::new('--payload', '--payload', [CompletionResultType]::ParameterName, 'The message: JSON, `@FILE`, or `-` for stdin')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('--trace', '--trace', [CompletionResultType]::ParameterName, 'Print a line for every hop')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;k' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('apply', 'apply', [CompletionResultType]::ParameterValue, 'Deploy a flow and make the running gateway serve it')
            [CompletionResult]::new('wait', 'wait', [CompletionResultType]::ParameterValue, 'Wait until a flow''s actors are ready')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how flows are doing in a cluster')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Show what a flow''s actors print')
            [CompletionResult]::new('events', 'events', [CompletionResultType]::ParameterValue, 'Show what happened to a flow''s actors')
            [CompletionResult]::new('port-forward', 'port-forward', [CompletionResultType]::ParameterValue, 'Reach the gateway, or an actor''s pod, on a port of this machine')
            [CompletionResult]::new('secret', 'secret', [CompletionResultType]::ParameterValue, 'Keys of Secrets, never their values')
            [CompletionResult]::new('rbac', 'rbac', [CompletionResultType]::ParameterValue, 'Print the Roles that working on a flow takes')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Look for what keeps actors and gateway from working')
            [CompletionResult]::new('namespace', 'namespace', [CompletionResultType]::ParameterValue, 'Make namespaces fit for actors')
            [CompletionResult]::new('context', 'context', [CompletionResultType]::ParameterValue, 'List, choose and add environments')
            break
        }
        'asya;k;apply' {
            [CompletionResult]::new('--gateway', '--gateway', [CompletionResultType]::ParameterName, 'The gateway''s Helm release or Deployment, where its namespace holds several')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'How the flow gets into the gateway: a source of its own in the projected volume, a data key in the chart''s ConfigMap (survives Helm upgrades), an entry in the lists of a split gateway [default: as it is registered, else what the gateway''s generation has]')
            [CompletionResult]::new('--gateway-timeout', '--gateway-timeout', [CompletionResultType]::ParameterName, 'How long the gateway may take to replace its pods, and again to show the flow')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'With --wait: give up after this time, with exit code 5')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('--force-conflicts', '--force-conflicts', [CompletionResultType]::ParameterName, 'Take fields over that somebody else changed in the cluster')
            [CompletionResult]::new('--convert-volume', '--convert-volume', [CompletionResultType]::ParameterName, 'Change a plain volume of flows to a projected one, to which sources can be added; the last flow that leaves changes it back')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Ask the gateway whether it serves the flow, and fail if it cannot be asked [default: ask, and say so if it cannot be asked]')
            [CompletionResult]::new('--no-verify', '--no-verify', [CompletionResultType]::ParameterName, 'Neither wait for the gateway''s new pods nor ask it')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until everything is ready; scaled to zero counts')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'asya;k;wait' {
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this time, with exit code 5')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;k;status' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;k;logs' {
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'Of this actor alone; may be repeated')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Lines of the last time alone: 10m, 1h')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Of this container: asya-runtime (default), asya-sidecar, …; `all` for all')
            [CompletionResult]::new('--container', '--container', [CompletionResultType]::ParameterName, 'Of this container: asya-runtime (default), asya-sidecar, …; `all` for all')
            [CompletionResult]::new('--tail', '--tail', [CompletionResultType]::ParameterName, 'The last lines of each container alone; default: 100, with --since all')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Stay and show lines as they are written')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Stay and show lines as they are written')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Show when each line was written')
            [CompletionResult]::new('--timestamps', '--timestamps', [CompletionResultType]::ParameterName, 'Show when each line was written')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;k;events' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('--warnings', '--warnings', [CompletionResultType]::ParameterName, 'Warnings alone')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;k;port-forward' {
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Listen on this port; default: the pod''s, else any that is free')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Listen on this port; default: the pod''s, else any that is free')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'The pod''s port; default: the first that its containers name')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;k;secret' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Set one key of a Secret')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the keys of Secrets')
            break
        }
        'asya;k;secret;set' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Of this namespace instead of the actors''')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Of this namespace instead of the actors''')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('--exact', '--exact', [CompletionResultType]::ParameterName, 'Keep a line break at the end of stdin, which otherwise is taken off')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;k;secret;list' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Of this namespace instead of the actors''')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Of this namespace instead of the actors''')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;k;rbac' {
            [CompletionResult]::new('--for', '--for', [CompletionResultType]::ParameterName, 'What shall be allowed')
            [CompletionResult]::new('--subject', '--subject', [CompletionResultType]::ParameterName, 'Bind the Roles too: user:NAME, group:NAME or serviceaccount:NAMESPACE/NAME')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;k;doctor' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Look at this namespace instead of the context''s')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Look at this namespace instead of the context''s')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Show checks that are well, too')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;k;namespace' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('prepare', 'prepare', [CompletionResultType]::ParameterValue, 'Give a namespace what actors need in it')
            break
        }
        'asya;k;namespace;prepare' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'The namespace to take things from; default: the one of the platform''s chart')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'The Google Cloud project; default: the provider''s')
            [CompletionResult]::new('--gsa', '--gsa', [CompletionResultType]::ParameterName, 'The Google service account that actors act as; default: as in the other namespace')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace another Google service account')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do it without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do it without asking')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;k;context' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the environments of the project; the current one has a star')
            [CompletionResult]::new('use', 'use', [CompletionResultType]::ParameterValue, 'Work on an environment from now on: sets `default_context`')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add an environment from a context of the kubeconfig')
            break
        }
        'asya;k;context;list' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'asya;k;context;use' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;k;context;add' {
            [CompletionResult]::new('--kubectl-context', '--kubectl-context', [CompletionResultType]::ParameterName, 'Context of the kubeconfig [default: the one called NAME]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace of the actors [default: the kubeconfig''s]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of the actors [default: the kubeconfig''s]')
            [CompletionResult]::new('--gateway-namespace', '--gateway-namespace', [CompletionResultType]::ParameterName, 'Namespace of the gateway [default: the actors'']')
            [CompletionResult]::new('--gateway-url', '--gateway-url', [CompletionResultType]::ParameterName, 'Base URL of the gateway')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('--readonly', '--readonly', [CompletionResultType]::ParameterName, 'Refuse to write to it')
            [CompletionResult]::new('--use', '--use', [CompletionResultType]::ParameterName, 'Work on it from now on, as `asya k context use` does')
            [CompletionResult]::new('--no-check', '--no-check', [CompletionResultType]::ParameterName, 'Do not ask the cluster whether the namespaces are there')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;config' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print the value of a key')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Set a single value, comments kept')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List all values that count, with those of outer projects, defaults and environment')
            break
        }
        'asya;config;get' {
            [CompletionResult]::new('--arg', '--arg', [CompletionResultType]::ParameterName, 'Fill in `${arg:NAME}`, such as --arg flow_name=text-flow')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('--show-origin', '--show-origin', [CompletionResultType]::ParameterName, 'Also say where each value was set')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;config;set' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;config;list' {
            [CompletionResult]::new('--arg', '--arg', [CompletionResultType]::ParameterName, 'Fill in `${arg:NAME}`, such as --arg flow_name=text-flow')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('--show-origin', '--show-origin', [CompletionResultType]::ParameterName, 'Also say where each value was set')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'asya;gateway' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('values', 'values', [CompletionResultType]::ParameterValue, 'Print the Helm values that keep what is registered over an upgrade of the gateway''s chart')
            break
        }
        'asya;gateway;values' {
            [CompletionResult]::new('--gateway', '--gateway', [CompletionResultType]::ParameterName, 'The gateway''s Helm release or Deployment, where its namespace holds several')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'asya;demo' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Make the project in DIR, which must be empty or new [default: a new temporary directory]')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'asya;completions' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and problems only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
