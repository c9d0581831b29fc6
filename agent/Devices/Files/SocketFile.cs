namespace Monitoring.Agent.Devices.Files;

/// <summary>Looks at the file of a socket.</summary>
internal static unsafe class SocketFile
{
    /// <summary>The user whom a socket's file belongs to, links not followed; null where there is no such socket.</summary>
    internal static uint? OwnerOf(string path)
    {
        FileFacts facts = default;
        return FileImports.statx(FileImports.CurrentDirectory, path, FileImports.NoFollow, FileImports.BasicStatistics, &facts) == 0 && facts.IsSocket ? facts.Uid : null;
    }
}
