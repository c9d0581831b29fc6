using System.Net;
using Amazon.Runtime;
using Amazon.S3;

namespace Monitoring.Collector.Captures.Buckets;

/// <summary>Says of a failed call to the bucket what is wrong and what helps.</summary>
internal static class BucketFault
{
    /// <summary>The fault in words; null for what is no fault of the bucket's or of the way to it.</summary>
    public static CaptureStoreException? Of(Exception fault, BucketSettings settings)
    {
        var place = settings.Endpoint is { } endpoint ? $"bucket {settings.Name} at {endpoint}" : $"bucket {settings.Name} in {settings.Region}";
        return fault switch
        {
            CaptureStoreException known => known,
            FileNotFoundException or DirectoryNotFoundException => null, // of the file that was to be sent
            AmazonS3Exception { ErrorCode: "SignatureDoesNotMatch" } => Make("credentials", $"{place} refuses the signature: captures.bucket.secret_key is not the secret of access key {settings.AccessKey}, or captures.bucket.region is wrong", fault),
            AmazonS3Exception { ErrorCode: "InvalidAccessKeyId" } => Make("credentials", $"{place} does not know the access key {settings.AccessKey}: set captures.bucket.access_key and captures.bucket.secret_key", fault),
            AmazonS3Exception { ErrorCode: "AccessDenied" or "AllAccessDisabled" } or AmazonS3Exception { StatusCode: HttpStatusCode.Forbidden } => Make("credentials", $"{place} refuses access key {settings.AccessKey} ({Code(fault)}): it must be allowed to read, write, list and delete below {settings.Prefix}", fault),
            AmazonS3Exception { ErrorCode: "NoSuchBucket" } => Make("no_bucket", $"{place} does not exist: create it, or set captures.bucket.name", fault),
            AmazonS3Exception answer when (int)answer.StatusCode >= 500 => Make("unreachable", $"{place} answers {(int)answer.StatusCode} {answer.ErrorCode}: {answer.Message}", fault),
            AmazonS3Exception { StatusCode: not 0 } answer => Make("refused", $"{place} refuses: {(int)answer.StatusCode} {answer.ErrorCode}: {answer.Message}", fault),
            OperationCanceledException or TimeoutException => Make("timeout", $"{place} did not answer within {settings.Timeout}", fault),
            HttpRequestException or AmazonClientException or WebException or IOException => Make("unreachable", $"{place} cannot be reached: {Innermost(fault)}", fault),
            _ => null,
        };
    }

    private static CaptureStoreException Make(string reason, string message, Exception fault) => new(reason, message, fault);

    private static string Code(Exception fault) => fault is AmazonS3Exception { ErrorCode: { Length: > 0 } code } ? code : "403";

    private static string Innermost(Exception fault)
    {
        while (fault.InnerException is { } inner) fault = inner;
        return fault.Message;
    }
}
