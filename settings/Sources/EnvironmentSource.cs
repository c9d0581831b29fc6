namespace Monitoring.Settings.Sources;

/// <summary>Settings from environment variables: <c>GPU_AGENT_SAMPLING__FAST_INTERVAL=50ms</c>.</summary>
internal static class EnvironmentSource
{
    /// <summary>Between the levels of a key; one underscore is part of a name.</summary>
    internal const string LevelSeparator = "__";

    /// <summary>The variables with the prefix, in the order of their names, so that the outcome does not depend on the environment's order.</summary>
    internal static IEnumerable<Assignment> Read(SettingsSources sources)
    {
        if (sources.EnvironmentPrefix is "")
            return [];
        return sources.Environment
            .Where(variable => variable.Key.StartsWith(sources.EnvironmentPrefix, StringComparison.OrdinalIgnoreCase))
            .Where(variable => !sources.ReservedVariables.Contains(variable.Key, StringComparer.OrdinalIgnoreCase))
            .Select(variable => (variable.Key, Path: variable.Key[sources.EnvironmentPrefix.Length..].Split(LevelSeparator), variable.Value))
            .Order(Comparer<(string Key, string[] Path, string Value)>.Create(static (left, right) => Compare(left.Path, right.Path)))
            .Select(static variable => new Assignment(variable.Path, variable.Value, Origin(variable.Key), StringComparison.OrdinalIgnoreCase, LevelSeparator));
    }

    /// <summary>The variable of a key: <c>sampling.fast_interval</c> is <c>GPU_AGENT_SAMPLING__FAST_INTERVAL</c>, an element <c>sinks[].url</c> <c>GPU_AGENT_SINKS__0__URL</c>.</summary>
    internal static string NameOf(string prefix, string key) =>
        prefix + key.Replace("[]", ".0", StringComparison.Ordinal).Replace(".", LevelSeparator, StringComparison.Ordinal).ToUpperInvariant();

    internal static string Origin(string variable) => $"environment variable {variable}";

    /// <summary>
    /// Whether Kubernetes made the variable: it gives every container the addresses of the namespace's services, and a service
    /// called gpu-agent makes <c>GPU_AGENT_SERVICE_HOST</c> and <c>GPU_AGENT_PORT_9460_TCP_ADDR</c>, which nobody wrote.
    /// https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables
    /// </summary>
    internal static bool IsServiceLink(Assignment assignment)
    {
        if (assignment.Path is not [var rest])
            return false;
        var words = rest.ToUpperInvariant().Split('_');
        for (var index = 0; index < words.Length; index++)
        {
            switch (words.AsSpan(index))
            {
                case ["SERVICE", "HOST"]:
                case ["SERVICE", "PORT", ..]:
                case ["PORT"] when assignment.Text.Contains("://", StringComparison.Ordinal):
                case ["PORT", _, "TCP" or "UDP" or "SCTP"]:
                case ["PORT", _, "TCP" or "UDP" or "SCTP", "PROTO" or "PORT" or "ADDR"]:
                    return true;
            }
        }

        return false;
    }

    /// <summary>By parts, numbers by value: element 10 of a list comes after element 9.</summary>
    private static int Compare(string[] left, string[] right)
    {
        for (var index = 0; index < Math.Min(left.Length, right.Length); index++)
        {
            var order = uint.TryParse(left[index], out var leftNumber) && uint.TryParse(right[index], out var rightNumber)
                ? leftNumber.CompareTo(rightNumber)
                : string.CompareOrdinal(left[index].ToUpperInvariant(), right[index].ToUpperInvariant());
            if (order != 0)
                return order;
        }

        return left.Length.CompareTo(right.Length);
    }
}
