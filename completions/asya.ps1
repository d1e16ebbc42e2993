
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
            [CompletionResult]::new('render', 'render', [CompletionResultType]::ParameterValue, 'Print the objects an environment will get')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the flows of the project')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Execute a flow on this machine')
            [CompletionResult]::new('k', 'k', [CompletionResultType]::ParameterValue, 'Work on a Kubernetes cluster')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Take an example flow from Python to a result, step by step')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            break
        }
        'asya;init' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'The project''s directory; made if need be [default: the working directory]')
            [CompletionResult]::new('--registry', '--registry', [CompletionResultType]::ParameterName, 'Registry for images that nothing else names [default: ghcr.io/my-org]')
            [CompletionResult]::new('--generation', '--generation', [CompletionResultType]::ParameterName, 'Shape of AsyncActor that the clusters serve: B, C1 or C2 [default: C2]')
            [CompletionResult]::new('--transport', '--transport', [CompletionResultType]::ParameterName, 'Message queue of the clusters: sqs, rabbitmq or pubsub [default: sqs]')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
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
            [CompletionResult]::new('--input-schema-file', '--input-schema-file', [CompletionResultType]::ParameterName, 'A file with the JSON Schema of the tool''s arguments')
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
            break
        }
        'asya;k;apply' {
            [CompletionResult]::new('--gateway', '--gateway', [CompletionResultType]::ParameterName, 'The gateway''s Helm release or Deployment, where its namespace holds several')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'With --wait: give up after this time, with exit code 5')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--directory', '--directory', [CompletionResultType]::ParameterName, 'Start in DIR instead of the working directory')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Work on this environment: its overlay, cluster and namespaces [env: ASYA_CONTEXT]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the result as text for people or as one JSON document: human, json [default: human]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colour: auto (on a terminal without NO_COLOR), always, never [default: auto]')
            [CompletionResult]::new('--force-conflicts', '--force-conflicts', [CompletionResultType]::ParameterName, 'Take fields over that somebody else changed in the cluster')
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
