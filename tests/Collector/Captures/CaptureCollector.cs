using Microsoft.Extensions.DependencyInjection;
using Monitoring.Collector;
using Monitoring.Collector.Captures;

namespace Monitoring.Tests.Collector.Captures;

/// <summary>The real collector with a directory for captures, which can die and live again.</summary>
internal sealed class CaptureCollector : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("captures-");
    private readonly Action<CollectorSettings>? configure;
    private readonly Action<IServiceCollection>? replace;
    private readonly string directory;

    private CaptureCollector(Action<CollectorSettings>? configure, ManualTimeProvider? clock, string? directory, Action<IServiceCollection>? replace)
    {
        this.configure = configure;
        this.replace = replace;
        Clock = clock;
        this.directory = directory ?? folder.FullName;
    }

    internal ManualTimeProvider? Clock { get; }

    internal RunningCollector Collector { get; private set; } = null!;

    internal TusSender Sender => new(Collector.Client);

    /// <summary>Where captures lie.</summary>
    internal string CaptureDirectory => Path.Combine(directory, "captures");

    internal CaptureCatalogue Catalogue => Collector.Service<CaptureCatalogue>();

    internal static async Task<CaptureCollector> StartAsync(Action<CollectorSettings>? configure = null, ManualTimeProvider? clock = null, string? directory = null, Action<IServiceCollection>? replace = null)
    {
        var made = new CaptureCollector(configure, clock, directory, replace);
        await made.StartAsync();
        return made;
    }

    internal async Task RestartAsync(Action? between = null)
    {
        await Collector.DisposeAsync();
        between?.Invoke();
        await StartAsync();
    }

    /// <summary>Everything below the directory for captures but the journal, by path.</summary>
    internal List<string> FilesBelow(string part = "") => Directory.Exists(Path.Combine(CaptureDirectory, part))
        ? [.. Directory.EnumerateFiles(Path.Combine(CaptureDirectory, part), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(CaptureDirectory, path)).Where(static path => !path.StartsWith("journal", StringComparison.Ordinal)).Order(StringComparer.Ordinal)]
        : [];

    public async ValueTask DisposeAsync()
    {
        await Collector.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private async Task StartAsync()
    {
        Collector = await RunningCollector.StartAsync(settings =>
        {
            settings.StateDirectory = directory;
            settings.Captures.MinFreeBytes = 0;
            configure?.Invoke(settings);
        }, Clock, replace);
        // A recovery that never ends fails the test and does not hang it.
        await Collector.Service<CaptureRecovery>().Completed.WaitAsync(Eventually.Patience);
    }
}
