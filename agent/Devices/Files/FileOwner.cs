namespace Monitoring.Agent.Devices.Files;

/// <summary>Whose a file is.</summary>
internal static unsafe class FileOwner
{
    internal const uint Root = 0;

    /// <summary>The number of the user that a file or directory belongs to; null where there is none.</summary>
    internal static uint? Of(string path)
    {
        FileFacts facts;
        return FileImports.statx(FileImports.CurrentDirectory, path, FileImports.NoFollow, FileImports.BasicStatistics, &facts) == 0 ? facts.Uid : null;
    }
}
