namespace Monitoring.Tests.Simulator;

/// <summary>Real data beside the checkout; tests that need it skip in words where it is missing, and fail on CI.</summary>
internal static class SharedData
{
    public static string Require(params string[] parts)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (!File.Exists(Path.Combine(directory.FullName, "Monitoring.sln"))) continue;
            var path = Path.Combine([directory.FullName, "..", "shared", "data", .. parts]);
            if (Path.Exists(path)) return Path.GetFullPath(path);
            Missing($"{path} is missing");
        }
        Missing("the root of the repository was not found");
        return "";
    }

    /// <summary>Skips, or fails where CI is true.</summary>
    public static void Missing(string what)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail($"{what}, and CI must not skip");
        Assert.Skip(what);
    }
}
