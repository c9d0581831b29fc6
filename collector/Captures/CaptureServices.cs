using System.Diagnostics.Metrics;
using Monitoring.Collector.Captures.Buckets;
using Monitoring.Collector.Captures.Uploads;
using Monitoring.Collector.Storage;
using Monitoring.Contracts.Captures;

namespace Monitoring.Collector.Captures;

/// <summary>Puts the stage together: what it takes, where it is kept, who removes it.</summary>
internal static class CaptureServices
{
    /// <summary>Adds captures.</summary>
    /// <param name="settings">Limits and the bucket.</param>
    /// <param name="directory">Where they are kept or wait for the bucket; empty for nowhere: then uploads are refused, and what is told of captures is in memory alone.</param>
    public static void AddCaptures(this IServiceCollection services, CaptureSettings settings, string directory)
    {
        services.AddSingleton(settings).AddSingleton<CaptureTally>().AddSingleton<CaptureRecovery>();
        services.AddSingleton(provider => Open(directory, () => new CaptureCatalogue(directory.Length > 0 ? Path.Combine(directory, "journal") : null,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<CaptureCatalogue>>())));
        services.AddSingleton<ICaptureRecords>(static provider => provider.GetRequiredService<CaptureCatalogue>());
        services.AddHostedService(static provider => provider.GetRequiredService<CaptureRecovery>());
        services.AddSingleton(provider => new CaptureKeeper(provider.GetRequiredService<ICaptureFiles>(), provider.GetRequiredService<CaptureCatalogue>(), provider.GetService<CaptureIntake>(),
            provider.GetService<CaptureRoom>(), provider.GetRequiredService<CaptureRecovery>(), provider.GetRequiredService<CaptureTally>(), settings, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<CaptureKeeper>>()));
        services.AddHostedService(static provider => provider.GetRequiredService<CaptureKeeper>());
        if (directory.Length == 0)
        {
            services.AddSingleton<ICaptureFiles, NoCaptureFiles>();
            return;
        }
        services.AddSingleton(provider => Open(directory, () => new DirectoryCaptureFiles(directory, provider.GetRequiredService<TimeProvider>())));
        services.AddSingleton(provider => Open(directory, () => new UploadStore(Path.Combine(directory, "uploads"), settings, provider.GetRequiredService<TimeProvider>())));
        services.AddSingleton(provider => Open(directory, () => new CaptureStaging(Path.Combine(directory, "staging"), provider.GetRequiredService<TimeProvider>())));
        services.AddSingleton(provider => new CaptureRoom(directory, provider.GetRequiredService<UploadStore>(), provider.GetRequiredService<CaptureStaging>(),
            provider.GetRequiredService<ICaptureFiles>(), provider.GetRequiredService<CaptureCatalogue>(), settings));
        services.AddSingleton<UploadWriter>().AddSingleton<CaptureIntake>().AddSingleton<TusEndpoint>();
        services.AddSingleton(provider => new CaptureInstruments(provider.GetRequiredService<Meter>(), provider.GetRequiredService<CaptureCatalogue>(), provider.GetRequiredService<ICaptureFiles>(),
            provider.GetRequiredService<UploadStore>(), provider.GetRequiredService<UploadWriter>(), provider.GetRequiredService<CaptureIntake>(), provider.GetRequiredService<CaptureTally>()));
        if (settings.Bucket.IsUsed) AddBucket(services, settings.Bucket, directory);
        else services.AddSingleton<ICaptureFiles>(static provider => provider.GetRequiredService<DirectoryCaptureFiles>());
    }

    /// <summary>Maps the uploads.</summary>
    public static void MapUploads(this WebApplication app)
    {
        var endpoint = app.Services.GetService<TusEndpoint>();
        RequestDelegate handle = endpoint is not null ? endpoint.HandleAsync : static context => CaptureAnswer.RefuseAsync(
            context, StatusCodes.Status503ServiceUnavailable, "closed", "this collector has no directory for captures: set state_directory or captures.directory");
        app.Map(UploadMetadata.Path, handle);
        app.Map(UploadMetadata.Path + "/{" + TusEndpoint.RouteValue + "}", handle);
    }

    private static void AddBucket(IServiceCollection services, BucketSettings settings, string directory)
    {
        services.AddSingleton(_ => new CaptureBucket(settings));
        services.AddSingleton(provider => Open(directory, () => new BucketCaptureFiles(directory, provider.GetRequiredService<DirectoryCaptureFiles>(), provider.GetRequiredService<CaptureBucket>(), provider.GetRequiredService<CaptureTally>())));
        services.AddSingleton<ICaptureFiles>(static provider => provider.GetRequiredService<BucketCaptureFiles>());
        services.AddSingleton<BucketMover>();
        services.AddHostedService(static provider => provider.GetRequiredService<BucketMover>());
    }

    private static T Open<T>(string directory, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StateDirectoryException($"cannot keep captures in {directory}: {fault.Message}. Make it writable for this user, end the other collector that uses it, or set another captures.directory.", fault);
        }
    }
}
