namespace Monitoring.Cli;

/// <summary>Saves what the collector sends.</summary>
internal static class Downloads
{
    private const string StandardOutput = "-";

    /// <summary>Writes beside the file and renames, so that a download that breaks off leaves no half of a file under its name.</summary>
    internal static async Task<int> SaveAsync(HttpResponseMessage response, string path, Surroundings world, CancellationToken cancellationToken)
    {
        if (path == StandardOutput)
        {
            await using var output = Console.OpenStandardOutput();
            await CopyAsync(response, output, cancellationToken);
            return ExitCodes.Done;
        }

        var part = path + ".part";
        try
        {
            // What captures hold of a job is for whom it was fetched: nobody else may read it, nor have put a file or a link there before.
            File.Delete(part);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            await using (var file = new FileStream(part, options)) await CopyAsync(response, file, cancellationToken);
            File.Move(part, path, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or HttpRequestException)
        {
            File.Delete(part);
            throw new CollectorException(fault is HttpRequestException or HttpIOException ? ExitCodes.Unreachable : ExitCodes.Refused, $"{path} could not be written whole: {fault.Message}");
        }

        await world.Out.WriteLineAsync($"{path} ({Words.Bytes(new FileInfo(path).Length)})");
        return ExitCodes.Done;
    }

    private static async Task CopyAsync(HttpResponseMessage response, Stream to, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await body.CopyToAsync(to, cancellationToken);
    }
}
