namespace Monitoring.Elasticsearch.DeadLetters;

/// <summary>The right to change the files of a directory, of one process at a time. Each takes milliseconds.</summary>
internal static class DirectoryTurn
{
    private const string FileName = "lock";

    // Another process holds it for one write and its flush; on a slow disk that is tens of milliseconds, the caller tries again later.
    private const int Tries = 50;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    /// <summary>Takes the turn; it ends with the process too, however that ends.</summary>
    /// <exception cref="IOException">Another one has it for longer than usual.</exception>
    internal static FileStream Take(string directory, string name = FileName, int tries = Tries)
    {
        var path = Path.Combine(directory, name);
        for (var left = tries; ; left--)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0); // flock(2)
            }
            catch (IOException fault) when (File.Exists(path))
            {
                if (left <= 1) throw new IOException($"{directory} is in use by another process, which holds {path}.", fault);
                Thread.Sleep(Pause);
            }
        }
    }
}
