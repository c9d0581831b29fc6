using System.Runtime.CompilerServices;
using Xunit;

namespace Monitoring.Tests.Dropins;

/// <summary>Text that users see, kept beside the tests. UPDATE_GOLDEN=1 rewrites it; read the difference before committing it.</summary>
internal static class GoldenText
{
    internal static void Check(string actual, string name, [CallerFilePath] string testPath = "")
    {
        string path = Path.Combine(Path.GetDirectoryName(testPath)!, "Golden", name);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, actual);
        Assert.True(File.Exists(path), $"{path} is missing; create it with UPDATE_GOLDEN=1.");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
