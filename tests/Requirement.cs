using System.Diagnostics.CodeAnalysis;
using Xunit;

namespace Monitoring.Tests;

/// <summary>Something outside the repository that a test needs: without it the test skips in words, and fails where <c>CI=true</c>.</summary>
internal static class Requirement
{
    /// <summary>The full path of a program on the PATH, such as <c>promtool</c>.</summary>
    internal static string Program(string name) =>
        FindProgram(name, Environment.GetEnvironmentVariable("PATH") ?? "")
        ?? Missing($"the program '{name}' is not on the PATH; install it to run this test", ContinuousIntegration.IsOn);

    /// <summary>The full path of a file or folder of the recordings that lie beside the repository, in <c>../shared/data</c>.</summary>
    internal static string SharedData(params string[] parts)
    {
        var path = Path.GetFullPath(Path.Combine([RepositoryRoot.Path, "..", "shared", "data", .. parts]));
        return Path.Exists(path)
            ? path
            : Missing($"'{Path.Combine(["../shared/data", .. parts])}' is missing; put the recordings beside the repository to run this test", ContinuousIntegration.IsOn);
    }

    /// <summary>The full path of the real Nsight Systems: that of the PATH, or what <c>scripts/install-nsys.sh</c> unpacked.</summary>
    internal static string Nsys()
    {
        string[] bases = ["/opt/nvidia/nsight-systems", Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local/opt/nvidia/nsight-systems")];
        return FindProgram("nsys", Environment.GetEnvironmentVariable("PATH") ?? "")
            ?? bases.Where(Directory.Exists).SelectMany(static folder => Directory.GetDirectories(folder)).OrderDescending(StringComparer.Ordinal).Select(static folder => Path.Combine(folder, "target-linux-x64", "nsys")).FirstOrDefault(IsExecutable)
            ?? Missing("Nsight Systems is not installed; scripts/install-nsys.sh unpacks it", ContinuousIntegration.IsOn);
    }

    /// <summary>The folder of the packages for tests in Node, which <c>scripts/install-test-node.sh</c> installs as <c>tests/Node/package-lock.json</c> says.</summary>
    internal static string TestNode()
    {
        var folder = RepositoryRoot.Combine("artifacts", "test-node");
        var installed = Path.Combine(folder, "installed-lock.json");
        That(
            File.Exists(installed) && File.ReadAllText(installed) == File.ReadAllText(RepositoryRoot.Combine("tests", "Node", "package-lock.json")),
            "the packages of the tests in Node are not installed; scripts/install-test-node.sh installs them");
        return folder;
    }

    /// <summary>Skips the test, or fails it where <c>CI=true</c>, unless <paramref name="holds"/>.</summary>
    /// <param name="holds">Whether the test can run here.</param>
    /// <param name="reason">What is missing and how to get it.</param>
    internal static void That(bool holds, string reason)
    {
        if (!holds)
            Missing(reason, ContinuousIntegration.IsOn);
    }

    /// <summary>The first executable file called <paramref name="name"/> in a search path.</summary>
    internal static string? FindProgram(string name, string searchPath) => searchPath
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(IsExecutable);

    /// <summary>Ends the test: a failure where everything must be present, a skip elsewhere.</summary>
    [DoesNotReturn]
    internal static string Missing(string reason, bool mustBePresent)
    {
        if (mustBePresent)
            Assert.Fail($"CI=true and {reason}");
        Assert.Skip(reason);
        return reason;
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path)
        && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
