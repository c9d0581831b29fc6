namespace Monitoring.Agent.Devices.Files;

/// <summary>Whose a file is, links not followed.</summary>
internal static class FileOwner
{
    internal const uint Root = 0;

    /// <summary>The number of the user that a file or directory belongs to; null where there is none.</summary>
    internal static uint? Of(string path) => Look(path)?.Uid;

    /// <summary>The same of the file of a socket; null where there is no such socket.</summary>
    internal static uint? OfSocket(string path) => Look(path) is { IsSocket: true } socket ? socket.Uid : null;

    private static unsafe FileFacts? Look(string path)
    {
        FileFacts facts;
        return FileImports.statx(FileImports.CurrentDirectory, path, FileImports.NoFollow, FileImports.BasicStatistics, &facts) == 0 ? facts : null;
    }
}
