namespace Monitoring.Settings.Sources;

/// <summary>Settings from the command line: <c>--set sampling.fast_interval=50ms</c>.</summary>
internal static class OverrideSource
{
    /// <summary>The overrides in the order given: the last of several wins, as everywhere on a command line.</summary>
    internal static IEnumerable<Assignment> Read(SettingsSources sources, List<SettingError> errors)
    {
        foreach (var text in sources.Overrides)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                yield return new Assignment(text[..equals].Trim().Split('.'), text[(equals + 1)..], sources.OverrideOption, StringComparison.Ordinal, ".");
            else
                // The text may be a secret whose key was forgotten; it is not repeated.
                errors.Add(new SettingError(sources.OverrideOption, "", null, "has no '=' after a key; write key=value, such as sampling.fast_interval=100ms"));
        }
    }
}
